//! A certificate authority of one's own, and what it issues: made by the `openssl` that the system has.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use crate::{
    error::{Error, Result, While},
    group::succeed,
};

const LIMIT: Duration = Duration::from_secs(60);
const CONFIGURATION: &str = "\
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
";
const NEW_KEY: [&str; 3] = ["-newkey", "rsa:2048", "-nodes"];

/// Trusted by those alone who are given its certificate.
pub struct Authority {
    folder: PathBuf,
}

/// What a server shows, and the key to it: PEM files.
pub struct Issued {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl Authority {
    /// Whether the system has what `make` needs.
    pub fn is_installed() -> bool {
        let mut openssl = Command::new("openssl");
        let asked = openssl.arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        asked.is_ok_and(|status| status.success())
    }

    /// Makes one that keeps what it writes in this folder.
    pub fn make(folder: impl AsRef<Path>) -> Result<Self> {
        if !Self::is_installed() {
            return Err(Error::Missing { program: "openssl", package: "openssl" });
        }
        let authority = Self { folder: folder.as_ref().to_owned() };
        authority.write("openssl.cnf", CONFIGURATION)?;
        let mut request = authority.openssl(&["req", "-config", "openssl.cnf", "-x509"]);
        request.args(["-extensions", "authority", "-days", "30", "-subj", "/CN=Private authority"]);
        request.args(NEW_KEY).args(["-keyout", "authority.key", "-out", "authority.pem"]);
        succeed(&mut request, LIMIT)?;
        Ok(authority)
    }

    /// What others are to trust: a PEM file.
    pub fn certificate(&self) -> PathBuf {
        self.folder.join("authority.pem")
    }

    /// Issues a certificate for these names, such as `DNS:localhost,IP:127.0.0.1`, into files of this name.
    pub fn issue(&self, file: &str, names: &str) -> Result<Issued> {
        let [extensions, request, certificate, key] =
            ["extensions", "request", "pem", "key"].map(|end| format!("{file}.{end}"));
        self.write(
            &extensions,
            &format!(
                "basicConstraints = CA:FALSE\nkeyUsage = digitalSignature, keyEncipherment\n\
                 extendedKeyUsage = serverAuth\nsubjectAltName = {names}\n"
            ),
        )?;
        let mut asking = self.openssl(&["req", "-config", "openssl.cnf", "-subj", "/CN=server"]);
        asking.args(NEW_KEY).args(["-keyout", &key, "-out", &request]);
        succeed(&mut asking, LIMIT)?;
        let mut signing = self.openssl(&["x509", "-req", "-sha256", "-days", "30"]);
        signing.args(["-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial"]);
        signing.args(["-in", &request, "-extfile", &extensions, "-out", &certificate]);
        succeed(&mut signing, LIMIT)?;
        Ok(Issued { certificate: self.folder.join(certificate), key: self.folder.join(key) })
    }

    fn openssl(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("openssl");
        command.args(arguments).current_dir(&self.folder);
        command
    }

    fn write(&self, file: &str, text: &str) -> Result<()> {
        let path = self.folder.join(file);
        fs::write(&path, text).while_doing(|| format!("write {}", path.display()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_it_issues_is_vouched_for_by_it_alone() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let [one, other] = folders.each_ref().map(|folder| Authority::make(folder).unwrap());
        let issued = one.issue("server", "DNS:localhost,IP:127.0.0.1").unwrap();
        let vouches = |authority: &Authority| {
            let mut verify = Command::new("openssl");
            verify.arg("verify").arg("-CAfile").arg(authority.certificate());
            succeed(verify.arg(&issued.certificate), LIMIT).is_ok()
        };
        assert!(vouches(&one));
        assert!(!vouches(&other));
        assert!(fs::read_to_string(&issued.key).unwrap().contains("PRIVATE KEY"));
    }
}
