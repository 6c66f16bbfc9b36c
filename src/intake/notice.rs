//! What intake noticed about a file and did something about, without stopping.

/// Something to know about the file; each ends in advice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IntakeNotice {
    /// Columns that an earlier run of admit wrote.
    OwnColumnsIgnored {
        /// Their headers.
        headers: Vec<String>,
    },
    /// The byte order mark says another encoding than `--encoding`.
    BomOverrules {
        /// What was given.
        label: String,
        /// What the byte order mark says.
        encoding: &'static str,
    },
    /// The file is not UTF-8, the outputs are.
    Transcoded {
        /// The file's encoding.
        encoding: &'static str,
    },
    /// The mapping file names columns that the CSV does not have.
    SdlColumnsAbsent {
        /// Their headers, in the mapping file's order.
        headers: Vec<String>,
    },
}

impl IntakeNotice {
    /// A stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OwnColumnsIgnored { .. } => "own-columns-ignored",
            Self::BomOverrules { .. } => "bom-overrules-encoding",
            Self::Transcoded { .. } => "input-transcoded",
            Self::SdlColumnsAbsent { .. } => "sdl-columns-absent",
        }
    }

    /// The sentence, ending in advice.
    pub fn text(&self) -> String {
        match self {
            Self::OwnColumnsIgnored { headers } => format!(
                "columns of an earlier run are ignored and not repeated: {}; nothing to do",
                headers.join(", ")
            ),
            Self::BomOverrules { label, encoding } => format!(
                "the file's byte order mark says {encoding}, so `--encoding {label}` is not \
                 used; leave the flag out"
            ),
            Self::Transcoded { encoding } => format!(
                "the file is read as {encoding}, success.csv and failure.csv will be UTF-8; add \
                 `--bom` if a spreadsheet shall open them"
            ),
            Self::SdlColumnsAbsent { headers } => format!(
                "the mapping file names columns that the CSV does not have: {}; check their \
                 spelling if they should be there",
                headers.join(", ")
            ),
        }
    }
}
