//! Plain types of the product.
