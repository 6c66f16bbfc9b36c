//! ROOM 5: a wave becomes finished jobs.
