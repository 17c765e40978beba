//! Certificate authorities of the tests' own, and what they sign.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams,
    SerialNumber, date_time_ymd,
};

/// The serial number of the server's certificate.
const SERVER_SERIAL: u64 = 4711;

/// Files in one folder: `ca.crt`, `other-ca.crt`, `server.{crt,key}`, `expired.{crt,key}`,
/// `client.{crt,key}`, `stranger.{crt,key}`, `clean.crl`, `revoked.crl`.
pub(super) struct Pki {
    folder: PathBuf,
}

impl Pki {
    /// Makes everything. The server's certificate is for `localhost`, `*.wild.test` and `127.0.0.1`;
    /// the client's for user `certified`, and the stranger's too, but by another authority.
    pub(super) fn make(folder: &Path) -> Self {
        fs::create_dir_all(folder).unwrap();
        let pki = Self {
            folder: folder.to_owned(),
        };
        let ca = authority("pgark test authority");
        let other = authority("another authority");
        pki.write("ca.crt", &ca.pem());
        pki.write("other-ca.crt", &other.pem());

        let names = ["localhost", "*.wild.test", "127.0.0.1"].map(str::to_owned);
        let mut server = CertificateParams::new(names).unwrap();
        server.serial_number = Some(SerialNumber::from(SERVER_SERIAL));
        server
            .distinguished_name
            .push(DnType::CommonName, "common.test");
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let mut expired = server.clone();
        expired.not_before = date_time_ymd(2000, 1, 1);
        expired.not_after = date_time_ymd(2001, 1, 1);
        pki.sign("expired", expired, &ca);
        pki.sign("server", server, &ca);
        for (name, issuer) in [("client", &ca), ("stranger", &other)] {
            let mut client = CertificateParams::new([]).unwrap();
            client
                .distinguished_name
                .push(DnType::CommonName, "certified");
            client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
            pki.sign(name, client, issuer);
        }
        pki.write("clean.crl", &revocation_list(&ca, &[]));
        pki.write("revoked.crl", &revocation_list(&ca, &[SERVER_SERIAL]));
        pki
    }

    fn sign(&self, name: &str, params: CertificateParams, issuer: &CertifiedIssuer<'_, KeyPair>) {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, issuer).unwrap();
        self.write(&format!("{name}.crt"), &certificate.pem());
        self.write(&format!("{name}.key"), &key.serialize_pem());
    }

    /// Writes a file that only its owner can read.
    pub(super) fn write(&self, name: &str, content: &str) {
        fs::write(self.folder.join(name), content).unwrap();
        self.permit(name, 0o600);
    }

    pub(super) fn permit(&self, name: &str, mode: u32) {
        let path = self.folder.join(name);
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Gives a file to the owner of `like`, which root has to do for the server's sake.
    pub(super) fn hand_over(&self, name: &str, like: &Path) {
        let owner = fs::metadata(like).unwrap();
        let path = self.folder.join(name);
        if fs::metadata(&path).unwrap().uid() != owner.uid() {
            chown(path, Some(owner.uid()), Some(owner.gid())).unwrap();
        }
    }

    /// A file's path, for a connection string.
    pub(super) fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name.push(DnType::CommonName, name);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn revocation_list(issuer: &CertifiedIssuer<'_, KeyPair>, revoked: &[u64]) -> String {
    let revoked = revoked.iter().map(|serial| RevokedCertParams {
        serial_number: SerialNumber::from(*serial),
        revocation_time: date_time_ymd(2024, 1, 1),
        reason_code: None,
        invalidity_date: None,
    });
    let params = CertificateRevocationListParams {
        this_update: date_time_ymd(2024, 1, 1),
        next_update: date_time_ymd(2999, 1, 1),
        crl_number: SerialNumber::from(1),
        issuing_distribution_point: None,
        revoked_certs: revoked.collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    params.signed_by(issuer).unwrap().pem().unwrap()
}
