//! `/console/system`: what is beyond any environment, for operators.

pub(super) mod environments;
