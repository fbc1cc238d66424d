/// The HTTP server of every executable.
public struct HTTPSettings: Sendable, Equatable {
    /// Key `http.listen`; `engram` listens on loopback only, the others on every interface.
    public var listen = NetworkAddress(host: "127.0.0.1", port: 9009)

    static let keys = [
        ConfigurationKey(
            "http.listen",
            \.http.listen,
            .address,
            """
            Address and port of the HTTP server. `:9009` means every interface; port 0 takes a free \
            port.
            """
        )
    ]
}
