//! Files that are too large for an event: kept beside the bus and named in it (the claim check
//! pattern). Written once under a name that holds their hash, never changed; a folder by default.

use std::{path::Path, sync::Arc};

use bytes::Bytes;
use event::FileReference;
use object_store::{ObjectStore, PutPayload, local::LocalFileSystem, path::Path as Key};
use sha2::{Digest, Sha256};

/// Where files are kept. Cheap to clone.
#[derive(Clone)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
}

#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    #[error("the file store: {0}")]
    Store(#[from] object_store::Error),
    #[error("the folder {0} cannot be made or used: {1}")]
    Folder(String, std::io::Error),
    /// Somebody changed it.
    #[error("the file {0} is not the one that was stored: its hash differs")]
    Altered(String),
}

impl Files {
    /// A folder of this machine.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn folder(path: &Path) -> Result<Self, FilesError> {
        std::fs::create_dir_all(path)
            .map_err(|error| FilesError::Folder(path.display().to_string(), error))?;
        Ok(Self { store: Arc::new(LocalFileSystem::new_with_prefix(path)?) })
    }

    /// Stores a file as `<folder>/<hash>.<extension>`. Storing the same twice is storing it once.
    ///
    /// # Errors
    /// When the store is away or full.
    pub async fn put(
        &self,
        folder: &str,
        extension: &str,
        bytes: Vec<u8>,
    ) -> Result<FileReference, FilesError> {
        let sha256 = hexadecimal(&Sha256::digest(&bytes));
        let reference = FileReference {
            key: format!("{folder}/{sha256}.{extension}"),
            sha256,
            size: bytes.len() as u64,
        };
        self.store.put(&Key::from(reference.key.as_str()), PutPayload::from(bytes)).await?;
        Ok(reference)
    }

    /// Reads a file and checks that it is the one that was stored.
    ///
    /// # Errors
    /// When it is not there, the store is away, or somebody changed it.
    pub async fn get(&self, reference: &FileReference) -> Result<Bytes, FilesError> {
        let bytes = self.store.get(&Key::from(reference.key.as_str())).await?.bytes().await?;
        if hexadecimal(&Sha256::digest(&bytes)) != reference.sha256 {
            return Err(FilesError::Altered(reference.key.clone()));
        }
        Ok(bytes)
    }

    /// Deletes a file that nobody may read any more; one that is not there is deleted already.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn delete(&self, reference: &FileReference) -> Result<(), FilesError> {
        match self.store.delete(&Key::from(reference.key.as_str())).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
