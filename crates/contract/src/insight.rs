//! What `insight` tells: how its copies stand. Nothing else that it does concerns anybody.

use schemars::JsonSchema;

event::named! {
    /// What came of holding copies against one page of a digest, and what is asked for.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct CopiesCompared(event::step::Compared) = "insight.copies-compared.v1";
    /// There are no copies here at all: everything of a kind is asked for.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct CopiesWanted(event::step::Wanted) = "insight.copies-wanted.v1";
}

event::named! {
    /// What is kept here of a person who asked for it, as a file.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct ExportPartReady(crate::export::Part) = "insight.export-part-ready.v1";
}
