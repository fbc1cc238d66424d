internal import Glibc

/// Where a process finds its certificate, the key to it, and the authorities that peers' certificates come from.
public struct IdentityFiles: Sendable, Equatable {
    /// Certificates in PEM: the process' own first, then those between it and an authority.
    public var certificate: String
    /// The private key of the first certificate, in PEM and without a passphrase.
    public var key: String
    /// Certificates of authorities in PEM.
    public var trustRoots: String

    public init(certificate: String, key: String, trustRoots: String) {
        self.certificate = certificate
        self.key = key
        self.trustRoots = trustRoots
    }

    /// One of the files.
    public enum Part: Sendable, Equatable {
        case certificate
        case key
        case trustRoots
    }

    /// Bytes of one file at most; a chain of certificates has a few thousand.
    static let maximumSize = 1 << 20

    func path(of part: Part) -> String {
        switch part {
        case .certificate: certificate
        case .key: key
        case .trustRoots: trustRoots
        }
    }

    /// Reads all three.
    func read() throws(IdentityError) -> IdentityBytes {
        IdentityBytes(
            certificate: try read(.certificate),
            key: try read(.key),
            trustRoots: try read(.trustRoots)
        )
    }

    private func read(_ part: Part) throws(IdentityError) -> [UInt8] {
        let path = path(of: part)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(part, path: path, reason: Self.lastError) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw .unreadable(part, path: path, reason: Self.lastError)
            }
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: buffer[..<count])
            guard bytes.count <= Self.maximumSize else {
                throw .unreadable(
                    part,
                    path: path,
                    reason: "larger than \(Self.maximumSize) bytes"
                )
            }
        }
    }

    private static var lastError: String { String(cString: strerror(errno)) }
}

/// What the three files held at one look.
struct IdentityBytes: Equatable {
    var certificate: [UInt8]
    var key: [UInt8]
    var trustRoots: [UInt8]
}
