internal import NIOSSL

/// An identity as the TLS library takes it, for either end of a connection.
struct IdentityContexts: Sendable {
    let server: NIOSSLContext
    let client: NIOSSLContext
    /// When the first of the own certificates ends, in seconds since 1970.
    let notAfter: Int64
    /// The serial number of the own certificate, in hexadecimal digits.
    let serialNumber: String

    /// - Parameter now: Milliseconds since 1970; a certificate that has ended is no identity.
    init(_ bytes: IdentityBytes, _ files: IdentityFiles, now: Int64) throws(IdentityError) {
        let chain = try Self.certificates(bytes.certificate, .certificate, files)
        let roots = try Self.certificates(bytes.trustRoots, .trustRoots, files)
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(bytes: bytes.key, format: .pem)
        } catch {
            throw .invalid(.key, path: files.key, reason: "\(error)")
        }
        notAfter = chain.map { Int64($0.notValidAfter) }.min() ?? 0
        guard notAfter > now / 1000 else {
            throw .expired(path: files.certificate, notAfter: notAfter)
        }
        serialNumber = chain[0].serialNumber.hexadecimal
        do {
            server = try NIOSSLContext(configuration: Self.serving(chain, key, roots))
            client = try NIOSSLContext(configuration: Self.calling(chain, key, roots))
        } catch {
            throw .mismatch(certificate: files.certificate, key: files.key, reason: "\(error)")
        }
    }

    /// Both ends are ours: what is older than TLS 1.3 has nothing to offer them.
    private static func common(_ configuration: TLSConfiguration) -> TLSConfiguration {
        var configuration = configuration
        configuration.minimumTLSVersion = .tlsv13
        configuration.applicationProtocols = ["h2"]
        return configuration
    }

    private static func serving(
        _ chain: [NIOSSLCertificate],
        _ key: NIOSSLPrivateKey,
        _ roots: [NIOSSLCertificate]
    ) -> TLSConfiguration {
        common(
            .makeServerConfigurationWithMTLS(
                certificateChain: chain.map { .certificate($0) },
                privateKey: .privateKey(key),
                trustRoots: .certificates(roots)
            )
        )
    }

    private static func calling(
        _ chain: [NIOSSLCertificate],
        _ key: NIOSSLPrivateKey,
        _ roots: [NIOSSLCertificate]
    ) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateChain = chain.map { .certificate($0) }
        configuration.privateKey = .privateKey(key)
        configuration.trustRoots = .certificates(roots)
        configuration.certificateVerification = .fullVerification
        return common(configuration)
    }

    private static func certificates(
        _ bytes: [UInt8],
        _ part: IdentityFiles.Part,
        _ files: IdentityFiles
    ) throws(IdentityError) -> [NIOSSLCertificate] {
        let found: [NIOSSLCertificate]
        do {
            found = try NIOSSLCertificate.fromPEMBytes(bytes)
        } catch {
            throw .invalid(part, path: files.path(of: part), reason: "\(error)")
        }
        guard !found.isEmpty else {
            throw .invalid(part, path: files.path(of: part), reason: "it has none")
        }
        return found
    }
}

extension [UInt8] {
    fileprivate var hexadecimal: String {
        reduce(into: "") { text, byte in
            text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
    }
}
