//! Addresses and ports of Gateways.
