internal import NIOCore

/// Learns from the first byte of an accepted connection whether it has TLS, and puts TLS under it where it does.
///
/// Nothing above learns that the connection is open before that: HTTP/2 would begin to write at once, in the clear.
final class FirstByteHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    /// What a TLS connection begins with: a record of the handshake; HTTP/2 begins with a letter.
    private static let handshakeRecord: UInt8 = 22

    private let protect: (ChannelHandlerContext) throws -> Void
    /// Whether those above wait to hear that the connection is open.
    private var isHeldBack = false

    /// - Parameter protect: Puts TLS behind this handler.
    init(protect: @escaping (ChannelHandlerContext) throws -> Void) { self.protect = protect }

    func channelActive(context: ChannelHandlerContext) { isHeldBack = true }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        guard let first = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) else { return }
        if first == Self.handshakeRecord {
            do {
                try protect(context)
            } catch {
                context.close(promise: nil)
                return
            }
        }
        release(context)
        context.fireChannelRead(data)
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        release(context)
        context.fireChannelInactive()
    }

    private func release(_ context: ChannelHandlerContext) {
        guard isHeldBack else { return }
        isHeldBack = false
        context.fireChannelActive()
    }
}
