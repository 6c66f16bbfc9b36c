//! Integration tests, one binary: each module is one promise or one part of the public surface.

mod arrows;
mod layers;
