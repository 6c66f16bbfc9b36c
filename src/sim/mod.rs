//! THE REHEARSAL ORG: the other end of the telephone, in memory.
