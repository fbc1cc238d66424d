internal import ClusterTransport
internal import HashRing
internal import Logging
internal import ServiceSupport

/// What protects the calls of this process, as the configuration says, and what watches over it.
struct RPCSecurity: Sendable {
    let transport: TransportSecurity
    /// Takes changed files while the process runs; nil without TLS.
    let watch: IdentityWatch?

    /// Reads the TLS files, if there are any.
    ///
    /// - Throws: an error that names the key of the file that is wrong.
    init(_ configuration: LoadedConfiguration, logger: Logger) throws(ConfigurationError) {
        let rpc = configuration.settings.rpc
        guard rpc.hasTLS else {
            transport = rpc.plaintext ? .plaintext : .plaintextOnLoopback
            watch = nil
            return
        }
        let refusals = HandshakeRefusals(logger: logger)
        let identity = try Self.identity(configuration, onRefusal: refusals.note)
        transport = rpc.plaintext ? .mutualOrPlaintext(identity) : .mutual(identity)
        watch = IdentityWatch(identity: identity, logger: logger)
    }

    /// The name of ``protection`` in `/ready`.
    static let condition = "rpc"

    /// Whether this process may call the ingesters of a ring; nil where it may call any.
    var protection: (@Sendable ([RingMember]) -> Readiness.Condition)? {
        guard transport == .plaintextOnLoopback else { return nil }
        return { members in
            let remote = members.first { member in
                NetworkAddress(member.address).map { !$0.isLoopback } ?? true
            }
            guard let remote else { return .ready }
            return .notReady(
                reason: "\(remote.instance) at \(remote.address) is not on this machine and is not "
                    + "called without TLS: \(RPCSettings.remedy)"
            )
        }
    }

    /// Looks whether the process may listen as it is told to, and whether the TLS files can be used.
    ///
    /// - Throws: an error that names the key that is wrong or missing.
    static func check(_ configuration: LoadedConfiguration) throws(ConfigurationError) {
        let rpc = configuration.settings.rpc
        if rpc.hasTLS {
            _ = try identity(configuration) { _ in }
        } else if configuration.executable == .ingester, !rpc.plaintext, !rpc.listen.isLoopback {
            throw .contradiction(
                key: "rpc.listen",
                value: rpc.listen.description,
                source: configuration.sources["rpc.listen"] ?? .standard,
                reason: "calls from other machines would have no TLS: \(RPCSettings.remedy)"
            )
        }
    }

    private static func identity(
        _ configuration: LoadedConfiguration,
        onRefusal: @escaping @Sendable (RefusedHandshake) -> Void
    ) throws(ConfigurationError) -> TransportIdentity {
        let rpc = configuration.settings.rpc
        do throws(IdentityError) {
            return try TransportIdentity(
                IdentityFiles(
                    certificate: rpc.tlsCertificateFile,
                    key: rpc.tlsKeyFile,
                    trustRoots: rpc.tlsTrustRootsFile
                ),
                serverName: rpc.tlsServerName.isEmpty ? nil : rpc.tlsServerName,
                now: WallClock.milliseconds(),
                onRefusal: onRefusal
            )
        } catch {
            throw refusal(error, configuration)
        }
    }

    private static func refusal(
        _ error: IdentityError,
        _ configuration: LoadedConfiguration
    ) -> ConfigurationError {
        let rpc = configuration.settings.rpc
        let (key, value) =
            switch error.part {
            case .certificate: ("rpc.tlsCertificateFile", rpc.tlsCertificateFile)
            case .key: ("rpc.tlsKeyFile", rpc.tlsKeyFile)
            case .trustRoots: ("rpc.tlsTrustRootsFile", rpc.tlsTrustRootsFile)
            }
        return .invalidValue(
            key: key,
            value: value,
            source: configuration.sources[key] ?? .standard,
            reason: error.description
        )
    }
}
