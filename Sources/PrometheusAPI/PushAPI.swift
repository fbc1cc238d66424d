public import ClusterInterface
public import Distribution
internal import HTTPTypes
internal import Hummingbird
internal import MetricsModel
internal import NIOCore
internal import RemoteWrite

/// Remote write over HTTP.
public struct PushAPI: Sendable {
    private let distributor: Distributor
    private let authentication: Authentication
    private let limits: LimitsTable
    /// Compressed bytes of one request.
    private let maximumBodySize: Int
    private let receiving = ReceiveBudget(limit: Self.maximumReceivingBytes)
    /// Milliseconds since the Unix epoch.
    private let now: @Sendable () -> Int64

    /// Cortex' name, its old name, and Prometheus' name.
    static let paths: [RouterPath] = ["/api/v1/push", "/api/prom/push", "/api/v1/write"]

    /// Compressed bytes of all requests that are being received; beyond it senders are told to come again.
    static let maximumReceivingBytes = 128 << 20
    /// What they are told, in seconds.
    private static let retryAfterSeconds = 5

    public init(
        distributor: Distributor,
        authentication: Authentication,
        limits: LimitsTable,
        maximumBodySize: Int,
        now: @escaping @Sendable () -> Int64
    ) {
        self.distributor = distributor
        self.authentication = authentication
        self.limits = limits
        self.maximumBodySize = maximumBodySize
        self.now = now
    }

    func addRoutes(to router: Router<APIContext>) {
        for path in Self.paths {
            router.post(path) { request, _ in await push(request) }
        }
    }

    private func push(_ request: Request) async -> Response {
        let tenant: TenantID
        let version: WriteVersion
        do {
            tenant = try authentication.writer(request)
            version = try WriteContent.version(request.headers)
        } catch {
            return Self.response(to: error)
        }
        do {
            try distributor.enter()
            defer { distributor.leave() }
            let share = ReceiveBudget.Share(receiving)
            defer { share.giveBack() }
            let body = try await body(of: request, share)
            let limits = WriteLimits(limits.limits(for: tenant))
            let write = try body.withUnsafeReadableBytes { bytes throws(PushError) in
                try distributor.prepare(
                    bytes,
                    version: version,
                    tenant: tenant,
                    now: now(),
                    limits: limits
                )
            }
            return Self.response(to: try await distributor.send(write))
        } catch {
            // A sender of 2.0 takes an answer without counts for that of a receiver that knows 1.0 only.
            var response = Self.response(to: error)
            Self.setCounts(of: PushOutcome(), on: &response)
            return response
        }
    }

    private func body(
        of request: Request,
        _ share: ReceiveBudget.Share
    ) async throws -> ByteBuffer {
        if let text = request.headers[.contentLength], let size = Int(text), size > maximumBodySize
        {
            throw bodyTooLarge
        }
        var body = ByteBuffer()
        for try await part in request.body {
            guard body.readableBytes + part.readableBytes <= maximumBodySize else {
                throw bodyTooLarge
            }
            guard share.grow(by: part.readableBytes) else {
                throw PushError.overloaded(
                    what: "bytes of requests being received",
                    limit: receiving.limit,
                    retryAfterSeconds: Self.retryAfterSeconds
                )
            }
            body.writeImmutableBuffer(part)
        }
        return body
    }

    private var bodyTooLarge: PushError {
        .tooLarge("the body has more than \(maximumBodySize) bytes (distributor.maxRequestSize)")
    }

    private static func response(to outcome: PushOutcome) -> Response {
        // Samples that are refused make a request fail; exemplars and metadata are only told of. A sender of a pair that
        // is not elected has done all that it is to do.
        var response =
            outcome.isDeduplicated
            ? Response.text(Self.deduplicatedText, status: .accepted)
            : outcome.message.map { Response.text($0 + "\n", status: .badRequest) }
                ?? outcome.note.map { Response.text($0 + "\n", status: .ok) }
                ?? Response(status: .noContent)
        setCounts(of: outcome, on: &response)
        return response
    }

    private static let deduplicatedText =
        "not stored: another replica of the senders' cluster is elected\n"

    private static func setCounts(of outcome: PushOutcome, on response: inout Response) {
        set(Self.samplesWritten, outcome.samplesWritten, on: &response)
        set(Self.histogramsWritten, outcome.histogramsWritten, on: &response)
        set(Self.exemplarsWritten, outcome.exemplarsWritten, on: &response)
    }

    private static func response(to error: any Error) -> Response {
        switch error {
        case let error as PushError:
            var response = Response.text(error.description + "\n", status: status(of: error))
            if let seconds = error.retryAfterSeconds {
                response.headers[.retryAfter] = String(seconds)
            }
            return response
        case let error as WriteContent.Unsupported:
            return .text(error.description + "\n", status: .unsupportedMediaType)
        case let error as TenantError:
            return .text(
                error.description + "\n",
                status: error == .empty ? .unauthorized : .badRequest
            )
        default:
            // The connection broke, or this process stops: a sender that still hears this must come again.
            return .text("the request could not be read: \(error)\n", status: .serviceUnavailable)
        }
    }

    private static func status(of error: PushError) -> HTTPResponse.Status {
        switch error {
        case .malformed, .tooManyHAClusters, .invalidHALabel: .badRequest
        case .tooLarge: .contentTooLarge
        case .rateLimited: .tooManyRequests
        case .overloaded, .unavailable, .electionFailed: .serviceUnavailable
        }
    }

    private static func set(_ name: HTTPField.Name?, _ count: Int, on response: inout Response) {
        if let name { response.headers[name] = String(count) }
    }

    private static let samplesWritten = HTTPField.Name(
        "X-Prometheus-Remote-Write-Samples-Written"
    )
    private static let histogramsWritten = HTTPField.Name(
        "X-Prometheus-Remote-Write-Histograms-Written"
    )
    private static let exemplarsWritten = HTTPField.Name(
        "X-Prometheus-Remote-Write-Exemplars-Written"
    )
}
