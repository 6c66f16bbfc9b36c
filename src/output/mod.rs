//! ROOM 7: outcomes become files.
