/// Why the files are no identity; `part` says which one to look at.
public enum IdentityError: Error, Equatable, CustomStringConvertible {
    case unreadable(IdentityFiles.Part, path: String, reason: String)
    /// The file holds nothing of what it should.
    case invalid(IdentityFiles.Part, path: String, reason: String)
    /// The key is that of another certificate.
    case mismatch(certificate: String, key: String, reason: String)
    /// The time, in seconds since 1970, at which the certificate, or one behind it, ended.
    case expired(path: String, notAfter: Int64)

    public var part: IdentityFiles.Part {
        switch self {
        case .unreadable(let part, _, _), .invalid(let part, _, _): part
        case .mismatch: .key
        case .expired: .certificate
        }
    }

    public var description: String {
        switch self {
        case .unreadable(_, let path, let reason): "cannot read \(path): \(reason)"
        case .invalid(let part, let path, let reason):
            "\(path) holds no \(Self.content(of: part)): \(reason)"
        case .mismatch(let certificate, let key, let reason):
            "the key in \(key) is not that of the certificate in \(certificate): \(reason)"
        case .expired(let path, let notAfter):
            "a certificate in \(path) ended \(notAfter) s after 1970"
        }
    }

    private static func content(of part: IdentityFiles.Part) -> String {
        switch part {
        case .certificate: "certificate in PEM"
        case .key: "private key in PEM without a passphrase"
        case .trustRoots: "certificate of an authority in PEM"
        }
    }
}
