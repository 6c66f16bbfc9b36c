//! STREET DOOR: the only part that prints.
