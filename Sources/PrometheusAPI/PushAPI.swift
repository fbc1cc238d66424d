public import Distribution
internal import HTTPTypes
internal import Hummingbird
internal import MetricsModel
internal import NIOCore

/// Remote write over HTTP.
public struct PushAPI: Sendable {
    private let distributor: Distributor
    private let authentication: Authentication
    private let limits: WriteLimits
    /// Compressed bytes of one request.
    private let maximumBodySize: Int
    /// Milliseconds since the Unix epoch.
    private let now: @Sendable () -> Int64

    /// Cortex' name, its old name, and Prometheus' name.
    static let paths: [RouterPath] = ["/api/v1/push", "/api/prom/push", "/api/v1/write"]

    public init(
        distributor: Distributor,
        authentication: Authentication,
        limits: WriteLimits,
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
        do {
            let tenant = try authentication.writer(request)
            try WriteContent.check(request.headers)
            let body = try await body(of: request)
            let write = try body.withUnsafeReadableBytes { bytes throws(PushError) in
                try distributor.prepare(bytes, tenant: tenant, now: now(), limits: limits)
            }
            return Self.response(to: try await distributor.send(write))
        } catch {
            return Self.response(to: error)
        }
    }

    private func body(of request: Request) async throws -> ByteBuffer {
        if let text = request.headers[.contentLength], let size = Int(text), size > maximumBodySize
        {
            throw bodyTooLarge
        }
        do {
            return try await request.body.collect(upTo: maximumBodySize)
        } catch is NIOTooManyBytesError {
            throw bodyTooLarge
        }
    }

    private var bodyTooLarge: PushError {
        .tooLarge("the body has more than \(maximumBodySize) bytes (distributor.maxRequestSize)")
    }

    private static func response(to outcome: PushOutcome) -> Response {
        var response =
            outcome.message.map { Response.text($0 + "\n", status: .badRequest) }
            ?? Response(status: .noContent)
        set(Self.samplesWritten, outcome.samplesWritten, on: &response)
        set(Self.histogramsWritten, outcome.histogramsWritten, on: &response)
        set(Self.exemplarsWritten, outcome.exemplarsWritten, on: &response)
        return response
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
        case .malformed: .badRequest
        case .tooLarge: .contentTooLarge
        case .overloaded, .unavailable: .serviceUnavailable
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
