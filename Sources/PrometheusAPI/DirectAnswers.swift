internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTPTypes

/// Answers queries on the thread that reads their connection; all other requests go on to the server behind.
///
/// Waking a thread takes longer than many an answer (docs/decisions/0038-small-answers-where-they-are-read.md). What is
/// not sure to be small leaves the thread at once: ``PromptAnswers`` tells.
///
/// Requests of one connection are answered one after the other: while one is answered here, no more is read, and none
/// is taken while the server has one. The end of what the client sends cancels the answer, as in ``WatchedConnections``.
final class DirectAnswers: ChannelDuplexHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private enum State {
        case idle
        case receiving(HTTPRequest, body: ByteBuffer)
        case answering
        /// The server has so many requests that it has not answered.
        case passing(Int)
    }

    /// Bytes of a form that is taken.
    private static let maximumForm = 16_384

    private let responder: RouterResponder<APIContext>
    private let serverName: String
    private let logger: Logger
    private let executor: EventLoopExecutor
    private var state = State.idle
    private var answer: Task<Void, Never>?
    /// What came while a request was answered.
    private var held: CircularBuffer<HTTPRequestPart> = []
    private var isReplaying = false
    private var isReadHeld = false
    private var hasInputEnded = false
    private var context: ChannelHandlerContext?

    init(
        responder: RouterResponder<APIContext>,
        serverName: String,
        logger: Logger,
        eventLoop: any EventLoop
    ) {
        self.responder = responder
        self.serverName = serverName
        self.logger = logger
        executor = EventLoopExecutor(eventLoop)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        take(unwrapInboundIn(data), context)
    }

    private func take(_ part: HTTPRequestPart, _ context: ChannelHandlerContext) {
        switch (state, part) {
        case (.answering, _):
            held.append(part)
        case (.idle, .head(let head)) where Self.isTaken(head):
            state = .receiving(head, body: ByteBuffer())
        case (.receiving(let head, let body), .body(let piece)):
            collect(piece, head, body, context)
        case (.receiving(let head, let body), .end):
            state = .answering
            respond(to: Request(head: head, body: RequestBody(buffer: body)), context)
        case (.passing(let count), .head):
            state = .passing(count + 1)
            pass(part, context)
        case (.idle, .head):
            state = .passing(1)
            pass(part, context)
        case (.idle, _), (.passing, _), (.receiving, .head):
            pass(part, context)
        }
    }

    private func collect(
        _ piece: ByteBuffer,
        _ head: HTTPRequest,
        _ body: ByteBuffer,
        _ context: ChannelHandlerContext
    ) {
        guard body.readableBytes + piece.readableBytes <= Self.maximumForm else {
            state = .passing(1)
            pass(.head(head), context)
            if body.readableBytes > 0 { pass(.body(body), context) }
            return pass(.body(piece), context)
        }
        var body = body
        body.writeImmutableBuffer(piece)
        state = .receiving(head, body: body)
    }

    private func pass(_ part: HTTPRequestPart, _ context: ChannelHandlerContext) {
        context.fireChannelRead(wrapInboundOut(part))
    }

    /// Whether a request asks for what is often small.
    private static func isTaken(_ head: HTTPRequest) -> Bool {
        guard head.method == .get || head.method == .post, let path = head.path else {
            return false
        }
        return QueryAPI.isOftenPrompt(path)
    }

    // MARK: Answers

    private func respond(to request: Request, _ context: ChannelHandlerContext) {
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let (responder, logger, executor) = (responder, logger, executor)
        let asking = APIContext(channel: context.channel, logger: logger, executor: executor)
        let task = Task.immediate(executorPreference: executor) {
            let response: Response
            do {
                response = try await responder.respond(to: request, context: asking)
            } catch {
                logger.error("a request failed", metadata: ["error": "\(error)"])
                response = Response(status: .internalServerError)
            }
            await bound.value.write(
                response,
                isLast: request.headers[.connection]?.lowercased() == "close"
            )
        }
        // An answer without waiting is written by now.
        guard isAnswering else { return }
        answer = task
        if hasInputEnded { task.cancel() }
    }

    private func write(_ response: Response, isLast: Bool) async {
        // The connection may be gone.
        guard let context else { return }
        var head = response.head
        head.headerFields[.date] = HTTPDate.now()
        head.headerFields[.server] = serverName
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        let rest = PartWriter(context: context)
        // Answers of queries are in memory: nothing of this waits or fails.
        try? await response.body.write(rest)
        if isLast { return context.close(promise: nil) }
        finish(context)
    }

    /// Goes on with what came meanwhile.
    private func finish(_ context: ChannelHandlerContext) {
        state = .idle
        answer = nil
        guard !isReplaying else { return }
        replay(context)
        if isAnswering { return }
        if hasInputEnded {
            hasInputEnded = false
            context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        }
        if isReadHeld {
            isReadHeld = false
            context.read()
        }
    }

    /// Takes what was held, up to a request that is not answered at once.
    private func replay(_ context: ChannelHandlerContext) {
        guard !held.isEmpty else { return }
        isReplaying = true
        while !isAnswering, let part = held.popFirst() { take(part, context) }
        isReplaying = false
        // The server looks at what it was given when it is told that this is all for now.
        context.fireChannelReadComplete()
    }

    private var isAnswering: Bool {
        if case .answering = state { true } else { false }
    }

    /// Writes the parts of an answer that follow its head.
    private struct PartWriter: ResponseBodyWriter {
        let context: ChannelHandlerContext

        func write(_ buffer: ByteBuffer) async throws {
            context.write(NIOAny(HTTPResponsePart.body(buffer)), promise: nil)
        }

        consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
            context.writeAndFlush(NIOAny(HTTPResponsePart.end(trailingHeaders)), promise: nil)
        }
    }

    // MARK: The connection

    func read(context: ChannelHandlerContext) {
        if isAnswering {
            isReadHeld = true
        } else {
            context.read()
        }
    }

    /// Counts what the server answers.
    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .passing(let count) = state, case .end = unwrapOutboundIn(data) {
            state = count > 1 ? .passing(count - 1) : .idle
        }
        context.write(data, promise: promise)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent, isAnswering {
            // The server behind would close the connection before the client is told.
            hasInputEnded = true
            answer?.cancel()
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        held.removeAll()
        answer?.cancel()
        context.fireChannelInactive()
    }
}
