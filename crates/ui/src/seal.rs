//! Sealing: text that only those with the key can read, and nobody can change. XChaCha20-Poly1305.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{
    AeadCore, Key, KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, OsRng, Payload},
};
use serde::{Serialize, de::DeserializeOwned};

const NONCE: usize = 24;
const LINK: &str = "link";

/// The key that all services of a platform share, 32 bytes.
#[derive(Clone)]
pub struct SealingKey {
    cipher: XChaCha20Poly1305,
}

/// It was not sealed with this key for this purpose, or was changed since.
#[derive(Debug, thiserror::Error)]
#[error("this was not sealed here, or was changed since")]
pub struct Unsealable;

impl SealingKey {
    #[must_use]
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self { cipher: XChaCha20Poly1305::new(Key::from_slice(bytes)) }
    }

    /// Seals a value for one purpose; it opens for that purpose alone. Safe in an address.
    ///
    /// # Errors
    /// When the value does not serialise.
    pub fn seal<T: Serialize>(&self, purpose: &str, value: &T) -> Result<String, Unsealable> {
        let plain = serde_json::to_vec(value).map_err(|_| Unsealable)?;
        let nonce = XChaCha20Poly1305::generate_nonce(&mut OsRng);
        let payload = Payload { msg: &plain, aad: purpose.as_bytes() };
        let sealed = self.cipher.encrypt(&nonce, payload).map_err(|_| Unsealable)?;
        Ok(URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// Opens what was sealed for this purpose.
    ///
    /// # Errors
    /// When it was sealed with another key or for another purpose, changed, or is of another type.
    pub fn open<T: DeserializeOwned>(&self, purpose: &str, text: &str) -> Result<T, Unsealable> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Unsealable)?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE).ok_or(Unsealable)?;
        let payload = Payload { msg: sealed, aad: purpose.as_bytes() };
        let plain =
            self.cipher.decrypt(XNonce::from_slice(nonce), payload).map_err(|_| Unsealable)?;
        serde_json::from_slice(&plain).map_err(|_| Unsealable)
    }

    /// Seals an address that whoever reads it may use, such as one that sets a new password: it travels in
    /// an event and is meant for one mail alone.
    ///
    /// # Errors
    /// Never in practice: text serialises.
    pub fn seal_link(&self, path: &str) -> Result<String, Unsealable> {
        self.seal(LINK, &path)
    }

    /// The address, as a path on this platform, where the mail is written.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_link(&self, text: &str) -> Result<String, Unsealable> {
        self.open(LINK, text)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn it_opens_with_this_key_for_this_purpose_unchanged() {
        let (key, other) = (SealingKey::new(&[1; 32]), SealingKey::new(&[2; 32]));
        let sealed = key.seal("letter", &"hello").unwrap();
        assert_eq!(key.open::<String>("letter", &sealed).unwrap(), "hello");
        assert!(other.open::<String>("letter", &sealed).is_err());
        assert!(key.open::<String>("session", &sealed).is_err());
        let mut changed = sealed.into_bytes();
        changed[40] = if changed[40] == b'A' { b'B' } else { b'A' };
        assert!(key.open::<String>("letter", &String::from_utf8(changed).unwrap()).is_err());
        let link = key.seal_link("/new-password?token=x").unwrap();
        assert_eq!(key.open_link(&link).unwrap(), "/new-password?token=x");
        for text in ["", "AAAA", "no base64!", &"A".repeat(10_000)] {
            assert!(key.open::<String>("letter", text).is_err());
        }
    }
}
