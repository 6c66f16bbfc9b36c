//! Plans by name: `samples/faults`, compiled in.

use super::FaultPlan;

const PROFILES: [(&str, &str); 4] = [
    ("calm", include_str!("../../../samples/faults/calm.toml")),
    ("busy", include_str!("../../../samples/faults/busy.toml")),
    (
        "stormy",
        include_str!("../../../samples/faults/stormy.toml"),
    ),
    (
        "hostile",
        include_str!("../../../samples/faults/hostile.toml"),
    ),
];

impl FaultPlan {
    /// The names of [`FaultPlan::named`], the mildest first.
    pub const NAMES: [&'static str; 4] = ["calm", "busy", "stormy", "hostile"];

    /// A plan by its name.
    ///
    /// # Panics
    ///
    /// Never: the files are compiled in, and a test reads them all.
    #[expect(clippy::expect_used, reason = "compiled in, and checked by a test")]
    pub fn named(name: &str) -> Option<Self> {
        let (_, text) = PROFILES.iter().find(|(known, _)| *known == name)?;
        Some(Self::parse(text).expect("a compiled-in plan of faults is a good one"))
    }
}
