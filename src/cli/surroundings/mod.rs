//! What the program finds around itself: the environment, pipes, other programs, signals.

pub(crate) mod connection;
pub(crate) mod environment;
pub(crate) mod pipes;
pub(crate) mod programs;
pub(crate) mod signals;
