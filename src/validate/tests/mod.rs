//! Tests of the room: one module per subject, all against the small org of [`records`].

mod circumstances;
mod dealing;
mod derived;
mod gate;
mod org;
mod properties;
mod records;
mod rejections;
mod table;
mod values;
