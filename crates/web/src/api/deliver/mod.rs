//! `deliver`: what other systems tell of a certificate's way to its holder.

pub mod activations;
