//! User rows that are spoiled cell by cell.

/// A user row that the org accepts, to be spoiled cell by cell.
#[derive(Debug, Clone)]
pub(super) struct UserRow {
    cells: Vec<(String, String)>,
}

impl UserRow {
    /// A customer user for a free contact.
    pub(super) fn customer(contact: &str) -> Self {
        let cells = [
            ("ContactId", contact),
            ("ProfileId", "00e000000000002"),
            ("Username", "new@user.example"),
            ("LastName", "New"),
            ("Email", "new@user.example"),
            ("Alias", "new"),
            ("TimeZoneSidKey", "Europe/Berlin"),
            ("LocaleSidKey", "en_US"),
            ("LanguageLocaleKey", "en_US"),
            ("EmailEncodingKey", "UTF-8"),
        ];
        let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self {
            cells: cells.into_iter().map(own).collect(),
        }
    }

    /// A partner user for a free contact.
    pub(super) fn partner(contact: &str) -> Self {
        Self::customer(contact).with("ProfileId", "00e000000000003")
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.cells.retain(|(known, _)| known != name);
        self.cells.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same person under another name.
    pub(super) fn called(self, name: &str) -> Self {
        let address = format!("{name}@user.example");
        self.with("Username", &address).with("Email", &address)
    }

    pub(super) fn header(&self) -> String {
        let names: Vec<&str> = self.cells.iter().map(|(name, _)| name.as_str()).collect();
        names.join(",")
    }

    pub(super) fn line(&self) -> String {
        let quoted = |value: &String| format!("\"{}\"", value.replace('"', "\"\""));
        self.cells
            .iter()
            .map(|(_, value)| quoted(value))
            .collect::<Vec<_>>()
            .join(",")
    }

    pub(super) fn csv(&self) -> String {
        format!("{}\n{}\n", self.header(), self.line())
    }
}
