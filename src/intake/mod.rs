//! ROOM 1: CSV bytes become rows.
