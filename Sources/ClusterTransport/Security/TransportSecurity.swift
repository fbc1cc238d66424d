internal import NIOCore
internal import NIOSSL
internal import NIOTLS

/// What protects the calls between processes.
public enum TransportSecurity: Sendable, Equatable {
    /// Nothing, and therefore no address of another machine is called or listened on.
    case plaintextOnLoopback
    /// Nothing: for a network that nobody else can reach, or that encrypts by itself.
    case plaintext
    /// TLS 1.3 with a certificate on both ends.
    case mutual(TransportIdentity)
    /// Calls as with ``mutual(_:)``; takes calls without TLS, too, while callers change to it.
    case mutualOrPlaintext(TransportIdentity)

    /// Whether calls that this process makes have TLS.
    var protectsCalls: Bool {
        switch self {
        case .plaintext, .plaintextOnLoopback: false
        case .mutual, .mutualOrPlaintext: true
        }
    }

    /// - Throws: ``TransportError/unprotected(peer:)`` where an address would need protection and has none.
    func check(_ address: PeerAddress, _ text: String) throws(TransportError) {
        guard self == .plaintextOnLoopback, !address.isLoopback else { return }
        throw .unprotected(peer: text)
    }

    /// Puts TLS under an accepted connection on which nothing was read or written.
    ///
    /// To be called on the channel's loop.
    func protectAccepted(_ channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            switch self {
            case .plaintext, .plaintextOnLoopback: break
            case .mutual(let identity):
                try pipeline.addHandlers(Self.serving(identity), position: .first)
            case .mutualOrPlaintext(let identity):
                let handler = FirstByteHandler { context in
                    try context.pipeline.syncOperations.addHandlers(
                        Self.serving(identity),
                        position: .after(context.handler)
                    )
                }
                try pipeline.addHandler(handler, position: .first)
            }
        }
    }

    private static func serving(_ identity: TransportIdentity) -> [any ChannelHandler] {
        [
            NIOSSLServerHandler(context: identity.contexts.server),
            HandshakeWatch(.server, identity),
        ]
    }

    /// Puts TLS under a connection that is about to be made.
    ///
    /// To be called on the channel's loop.
    /// - Parameter host: The name that is called; nil where it is an address, which the certificate then must have.
    func protectCalling(_ channel: any Channel, host: String?) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            switch self {
            case .plaintext, .plaintextOnLoopback: break
            case .mutual(let identity), .mutualOrPlaintext(let identity):
                let handler = try NIOSSLClientHandler(
                    context: identity.contexts.client,
                    serverHostname: identity.serverName ?? host
                )
                try channel.pipeline.syncOperations.addHandlers(
                    [handler, HandshakeWatch(.client, identity)],
                    position: .first
                )
            }
        }
    }
}

/// Tells of a handshake that failed; goes once it has succeeded.
private final class HandshakeWatch: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let side: RefusedHandshake.Side
    private let identity: TransportIdentity
    private var isTold = false

    init(_ side: RefusedHandshake.Side, _ identity: TransportIdentity) {
        self.side = side
        self.identity = identity
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        context.fireUserInboundEventTriggered(event)
        if let event = event as? TLSUserEvent, case .handshakeCompleted = event {
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Whoever only looks whether the port is open sends nothing, and is no refusal.
        if !isTold, error as? NIOSSLError != .uncleanShutdown {
            isTold = true
            let peer = context.remoteAddress.map { "\($0)" } ?? "unknown"
            identity.report(RefusedHandshake(side: side, peer: peer, cause: "\(error)"))
        }
        context.fireErrorCaught(error)
    }
}
