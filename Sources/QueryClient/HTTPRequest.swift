internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// One form sent to a server, over a connection of its own.
struct HTTPRequest {
    let server: ServerAddress
    /// Behind the server's prefix.
    let path: String
    let form: [(String, String)]
    let tenant: String?

    /// Bytes of an answer that are taken at most.
    static let maximumBodySize = 1 << 30
    private static let connectTimeout = TimeAmount.seconds(5)

    func send() async throws -> HTTPAnswer {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(Self.connectTimeout)
            .connect(host: server.host, port: server.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    return try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
                        wrappingChannelSynchronously: channel
                    )
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            let body = ByteBuffer(string: encodedForm)
            try await outbound.write(.head(head(bodySize: body.readableBytes)))
            try await outbound.write(.body(.byteBuffer(body)))
            try await outbound.write(.end(nil))
            return try await Self.answer(inbound)
        }
    }

    private func head(bodySize: Int) -> HTTPRequestHead {
        var head = HTTPRequestHead(version: .http1_1, method: .POST, uri: server.prefix + path)
        head.headers.add(name: "Host", value: server.authority)
        head.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        head.headers.add(name: "Content-Length", value: String(bodySize))
        head.headers.add(name: "Connection", value: "close")
        if let tenant { head.headers.add(name: "X-Scope-OrgID", value: tenant) }
        return head
    }

    private static func answer(
        _ inbound: NIOAsyncChannelInboundStream<HTTPClientResponsePart>
    ) async throws -> HTTPAnswer {
        var status = 0
        var body = ByteBuffer()
        for try await part in inbound {
            switch part {
            case .head(let head): status = Int(head.status.code)
            case .body(let bytes):
                guard body.readableBytes + bytes.readableBytes <= maximumBodySize else {
                    throw HTTPRequestError.answerTooLarge(limit: maximumBodySize)
                }
                body.writeImmutableBuffer(bytes)
            case .end: return HTTPAnswer(status: status, body: Array(buffer: body))
            }
        }
        throw HTTPRequestError.connectionEnded
    }

    private var encodedForm: String {
        form.map { "\($0.0)=\(Self.escaped($0.1))" }.joined(separator: "&")
    }

    /// Percent escapes for all but letters, digits and `-._~`.
    static func escaped(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default: result += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }
}

/// What a server sent back.
struct HTTPAnswer {
    var status: Int
    var body: [UInt8]
}

/// Why there is no answer.
enum HTTPRequestError: Error, Equatable, CustomStringConvertible {
    case answerTooLarge(limit: Int)
    case connectionEnded

    var description: String {
        switch self {
        case .answerTooLarge(let limit): "the answer has more than \(limit) bytes"
        case .connectionEnded: "the connection ended before the answer did"
        }
    }
}
