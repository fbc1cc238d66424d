/// Calls between the processes of a cluster.
public struct RPCSettings: Sendable, Equatable {
    /// Key `rpc.listen`.
    public var listen = NetworkAddress(host: "0.0.0.0", port: 9021)
    /// Key `rpc.tlsCertificateFile`; this and the next two are set together or not at all.
    public var tlsCertificateFile = ""
    /// Key `rpc.tlsKeyFile`.
    public var tlsKeyFile = ""
    /// Key `rpc.tlsTrustRootsFile`.
    public var tlsTrustRootsFile = ""
    /// Key `rpc.tlsServerName`; empty expects the host that is called.
    public var tlsServerName = ""
    /// Key `rpc.plaintext`.
    public var plaintext = false

    /// Whether calls have TLS.
    public var hasTLS: Bool { !tlsCertificateFile.isEmpty }

    /// What has to be set for calls that leave the machine.
    public static let remedy =
        "set rpc.tlsCertificateFile, rpc.tlsKeyFile and rpc.tlsTrustRootsFile, or rpc.plaintext to true "
        + "where nobody else can reach the network"

    static let keys = [
        ConfigurationKey(
            "rpc.listen",
            \.rpc.listen,
            .address,
            for: [.ingester],
            """
            Address and port on which distributors and queriers reach this ingester. Other than on \
            loopback it needs the TLS files, or `rpc.plaintext`.
            """
        ),
        ConfigurationKey(
            "rpc.tlsCertificateFile",
            \.rpc.tlsCertificateFile,
            .optionalPath,
            for: Executable.cluster,
            """
            PEM file with the certificate that this process shows to the others, and those between it \
            and an authority. With it, `rpc.tlsKeyFile` and `rpc.tlsTrustRootsFile` all calls have \
            TLS 1.3 with certificates on both ends; see docs/tls.md. Changed files are taken within \
            seconds, without a restart.
            """
        ),
        ConfigurationKey(
            "rpc.tlsKeyFile",
            \.rpc.tlsKeyFile,
            .optionalPath,
            for: Executable.cluster,
            "PEM file with the private key of the certificate, without a passphrase."
        ),
        ConfigurationKey(
            "rpc.tlsTrustRootsFile",
            \.rpc.tlsTrustRootsFile,
            .optionalPath,
            for: Executable.cluster,
            """
            PEM file with the authorities of which one must have issued the other end's certificate. \
            Whoever has a certificate of theirs can write and read: use an authority that issues for \
            this cluster alone.
            """
        ),
        ConfigurationKey(
            "rpc.tlsServerName",
            \.rpc.tlsServerName,
            .name(orEmpty: true),
            for: [.distributor, .querier],
            """
            The name that the certificate of every ingester must have, where it has not the IP address \
            that is called: for ingesters whose addresses change. Unless it is set, the certificate \
            must have the host or the IP address of `ring.advertise`.
            """
        ),
        ConfigurationKey(
            "rpc.plaintext",
            \.rpc.plaintext,
            .boolean,
            for: Executable.cluster,
            """
            Whether calls without TLS may leave this machine. Without it, and without the TLS files, \
            an ingester listens on loopback only, and distributors and queriers call ingesters on \
            loopback only. With the TLS files, an ingester takes calls with and without TLS, for the \
            time in which a running cluster changes to TLS.
            """
        ),
    ]
}
