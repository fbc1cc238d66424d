/// The server that other processes of the cluster talk to.
public struct RPCSettings: Sendable, Equatable {
    /// Key `rpc.listen`.
    public var listen = NetworkAddress(host: "0.0.0.0", port: 9021)

    static let keys = [
        ConfigurationKey(
            "rpc.listen",
            \.rpc.listen,
            .address,
            for: [.ingester],
            "Address and port on which distributors and queriers reach this ingester."
        )
    ]
}
