//! lambda-boot
