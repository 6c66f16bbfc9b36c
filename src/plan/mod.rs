//! ROOM 4: accepted rows become waves of changes, written down.
