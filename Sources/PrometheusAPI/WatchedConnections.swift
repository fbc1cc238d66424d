internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore

/// HTTP/1 connections that know when their client goes away, in the middle of a request too.
///
/// The end of what a client sends counts as its departure, as with most servers: clients that close only their half
/// of a connection and wait for an answer are not told apart. Requests sent ahead of answers, and connections used
/// again, are served as ever. Queries go to ``DirectAnswers`` first.
struct WatchedConnections: ServerChildChannel {
    /// One connection and its client.
    struct Value: ServerChildChannelValue {
        let connection: HTTP1Channel.Value
        let client: ClientPresence

        var channel: any Channel { connection.channel }
    }

    private let connections: HTTP1Channel
    private let responder: RouterResponder<APIContext>
    private let serverName: String

    init(
        _ connections: HTTP1Channel,
        responder: RouterResponder<APIContext>,
        serverName: String
    ) {
        self.connections = connections
        self.responder = responder
        self.serverName = serverName
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let client = ClientPresence()
        let (connections, responder, serverName) = (connections, responder, serverName)
        return channel.eventLoop.makeCompletedFuture {
            // First of all, so that nothing which waits in a handler holds the news back.
            try channel.pipeline.syncOperations.addHandler(DepartureHandler(client))
        }.flatMap {
            connections.setup(channel: channel, logger: logger)
        }.flatMapThrowing { connection in
            // Behind what closes idle connections, and those in use once they are answered when the server stops.
            let pipeline = channel.pipeline.syncOperations
            let direct = DirectAnswers(
                responder: responder,
                serverName: serverName,
                logger: logger,
                eventLoop: channel.eventLoop
            )
            let state = try pipeline.handler(type: HTTPConnectionStateHandler.self)
            try pipeline.addHandler(direct, position: .after(state))
            return Value(connection: connection, client: client)
        }
    }

    func handle(value: Value, logger: Logger) async {
        await ClientPresence.$current.withValue(value.client) {
            await connections.handle(value: value.connection, logger: logger)
        }
    }
}

/// Tells when a connection ends.
private final class DepartureHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let client: ClientPresence

    init(_ client: ClientPresence) { self.client = client }

    /// Connections are half closed first, because the server allows it.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { client.leave() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        client.leave()
        context.fireChannelInactive()
    }
}
