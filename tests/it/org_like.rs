//! Orgs like the sample's: with parts of its files replaced, with accounts and contacts more.

use std::path::{Path, PathBuf};

use crate::world::{World, sample};

/// Who owns what is added: a user of the sample org, with a role.
const OWNER: &str = "0055g000010UGLyAAO";

/// A copy of the sample org with parts of its files replaced: file, old, new.
pub(crate) fn edited_org(world: &World, edits: &[(&str, &str, &str)]) -> PathBuf {
    let folder = world.path("org");
    copy_folder(&sample("org"), &folder);
    for (file, old, new) in edits {
        let path = folder.join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(old), "{file} does not hold {old:?}");
        std::fs::write(&path, text.replace(old, new)).unwrap();
    }
    folder
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

/// A copy of the sample org with lines more: file, lines.
pub(crate) fn grown_org(world: &World, added: &[(&str, &str)]) -> PathBuf {
    let folder = edited_org(world, &[]);
    for (file, lines) in added {
        let path = folder.join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, text + lines).unwrap();
    }
    folder
}

/// The line of an account.
pub(crate) fn account_line(id: &str, name: &str, is_partner: bool) -> String {
    format!("{id},{name},{OWNER},{is_partner},false,false,,,false,\n")
}

/// The line of somebody of an account.
pub(crate) fn contact_line(id: &str, account: &str, last_name: &str, email: &str) -> String {
    format!("{id},{account},Pat,{last_name},{email},,,{OWNER},,false,\n")
}
