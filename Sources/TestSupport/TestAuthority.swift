import Foundation

/// An authority that issues certificates for one test, by `openssl`; all of it goes with the object.
public final class TestAuthority: Sendable {
    /// The folder of all files.
    public let path: String

    /// A certificate that was issued.
    public struct Issued: Sendable {
        public var certificate: String
        public var key: String
        /// In hexadecimal digits.
        public var serialNumber: String
    }

    /// Why the tests that need it cannot run, or nil.
    public static var unavailableReason: String? {
        Command.find("openssl") == nil ? "openssl is not installed" : nil
    }

    public init(_ name: String = "authority") throws {
        path =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("engram-tls-\(UUID().uuidString.prefix(13))").path
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true
        )
        try Command.run(
            Self.request(name, certificate: trustRoots, key: path + "/authority.key")
                + [
                    "-days", "9", "-addext", "basicConstraints=critical,CA:TRUE", "-addext",
                    "keyUsage=critical,keyCertSign",
                ]
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The certificate of the authority.
    public var trustRoots: String { path + "/authority.pem" }

    public func file(_ name: String) -> String { path + "/" + name }

    /// Issues a certificate into two files of this name.
    ///
    /// - Parameters:
    ///   - alternativeNames: As in `subjectAltName`, such as `IP:127.0.0.1,DNS:ingester`.
    ///   - days: How long it is valid from now on.
    ///   - hasEnded: Whether the certificate was valid for a day long ago.
    public func issue(
        _ name: String,
        alternativeNames: String = "IP:127.0.0.1",
        days: Int = 1,
        hasEnded: Bool = false
    ) throws -> Issued {
        let issued = Issued(
            certificate: file(name + ".pem"),
            key: file(name + ".key"),
            serialNumber: String(format: "%016llx", UInt64.random(in: 1 << 60..<1 << 62))
        )
        let common = ["-addext", "subjectAltName=" + alternativeNames]
        if hasEnded {
            try issueEnded(issued, name, common)
        } else {
            try Command.run(
                Self.request(name, certificate: issued.certificate, key: issued.key) + common
                    + [
                        "-days", "\(days)", "-CA", trustRoots, "-CAkey", file("authority.key"),
                        "-set_serial", "0x" + issued.serialNumber,
                        "-addext", "basicConstraints=critical,CA:FALSE",
                        "-addext", "extendedKeyUsage=serverAuth,clientAuth",
                    ]
            )
        }
        return issued
    }

    /// Only `openssl ca` lets a certificate end in the past.
    private func issueEnded(_ issued: Issued, _ name: String, _ extensions: [String]) throws {
        let request = file(name + ".csr")
        var command = Self.request(name, certificate: request, key: issued.key) + extensions
        command.removeAll { $0 == "-x509" }
        try Command.run(command)
        let configuration = """
            [ca]
            default_ca = test
            [test]
            database = \(file(name + ".index"))
            serial = \(file(name + ".serial"))
            new_certs_dir = \(path)
            policy = any
            default_md = sha256
            copy_extensions = copy
            unique_subject = no
            [any]
            commonName = supplied
            """
        try configuration.write(toFile: file(name + ".cnf"), atomically: true, encoding: .utf8)
        try Data().write(to: URL(fileURLWithPath: file(name + ".index")))
        try issued.serialNumber.write(
            toFile: file(name + ".serial"),
            atomically: true,
            encoding: .utf8
        )
        try Command.run([
            "openssl", "ca", "-batch", "-config", file(name + ".cnf"), "-in", request, "-notext",
            "-out", issued.certificate, "-cert", trustRoots, "-keyfile", file("authority.key"),
            "-startdate", "20200101000000Z", "-enddate", "20200102000000Z",
        ])
    }

    private static func request(_ name: String, certificate: String, key: String) -> [String] {
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=\(name)", "-keyout", key,
            "-out", certificate,
        ]
    }
}

extension TestAuthority.Issued {
    /// Replaces the files of another certificate by these, each by renaming, as careful operators do.
    public func replace(_ other: Self) throws {
        for (source, target) in [(key, other.key), (certificate, other.certificate)] {
            let staged = target + ".new"
            try FileManager.default.copyItem(atPath: source, toPath: staged)
            guard rename(staged, target) == 0 else {
                throw TestSupportError("cannot rename \(staged)")
            }
        }
    }
}
