import Testing

@testable import ClusterTransport

@Suite struct PeerAddressTests {
    @Test(arguments: [
        ("127.0.0.1:9095", "127.0.0.1", 9095), ("ingester-0.svc:1", "ingester-0.svc", 1),
        ("[::1]:65535", "::1", 65535), ("[fe80::1]:7", "fe80::1", 7),
    ])
    func `hosts and ports are taken apart`(text: String, host: String, port: Int) throws {
        let address = try PeerAddress(text)
        #expect(address.host == host)
        #expect(address.port == port)
        _ = try address.target()
    }

    @Test(arguments: [
        "", "host", "host:", "host:x", "host:65536", "host:-1", "::1:80", "[::1]", "[x]:1", "a b:1",
    ])
    func `other texts are refused`(text: String) {
        #expect(throws: TransportError.invalidAddress(text)) { try PeerAddress(text) }
    }

    @Test func `a server listens on addresses only and a peer has a host and a port`() throws {
        for text in [":0", "*:0", "localhost:0", "0.0.0.0:9", "[::]:9"] {
            _ = try PeerAddress(text).listeningAddress()
        }
        #expect(throws: TransportError.self) { try PeerAddress("host:1").listeningAddress() }
        #expect(throws: TransportError.self) { try PeerAddress(":1").target() }
        #expect(throws: TransportError.self) { try PeerAddress("host:0").target() }
    }
}
