//! provider-stand-ins
