//! ROOM 6: a job becomes one outcome per row.
