//! CORRIDOR: the only part that knows every room.
