//! Certificates: who completed what, proved by a page that anybody can verify.

pub mod code;
pub mod design;
pub mod render;
