import Foundation
import Glibc

/// One connection to a server on this machine; calls block.
public final class HTTPConnection {
    private let descriptor: Int32
    /// Received and not yet taken.
    private var buffer: [UInt8] = []

    /// - Parameter timeout: seconds that a single read or write may take.
    public init(port: Int, timeout: Int = 60) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw TestSupportError("socket: \(errno)") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let failed = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                connect(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) != 0
            }
        }
        let error = errno
        prepare(timeout: timeout)
        guard !failed else { throw TestSupportError("connect to port \(port): errno \(error)") }
    }

    /// Takes over a connection that was accepted.
    public init(accepted descriptor: Int32, timeout: Int) {
        self.descriptor = descriptor
        prepare(timeout: timeout)
    }

    deinit { close(descriptor) }

    /// Sends a request on a connection of its own.
    public static func send(
        _ request: HTTPRequest,
        port: Int,
        timeout: Int = 60
    ) throws -> HTTPAnswer {
        try HTTPConnection(port: port, timeout: timeout).send(request)
    }

    public func send(_ request: HTTPRequest) throws -> HTTPAnswer {
        try write(request.bytes)
        return try readAnswer()
    }

    /// - Throws: where the other end has closed the connection.
    public func write(_ bytes: [UInt8]) throws {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { raw in
                Glibc.send(
                    descriptor,
                    raw.baseAddress.map { $0 + offset },
                    raw.count - offset,
                    Int32(MSG_NOSIGNAL)
                )
            }
            guard count > 0 else { throw TestSupportError("send: errno \(errno)") }
            offset += count
        }
    }

    public func readAnswer() throws -> HTTPAnswer {
        let (first, headers) = try readHead()
        guard let status = first.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw TestSupportError("not an HTTP status line: \(first)")
        }
        if status == 100 { return try readAnswer() }
        let body = status == 204 || status == 304 ? [] : try readBody(headers)
        return HTTPAnswer(status: status, headers: headers, body: body)
    }

    /// The first line, and the headers with names in lower case.
    public func readHead() throws -> (first: String, headers: [String: String]) {
        var lines: [String] = []
        while true {
            let line = try readLine()
            if line.isEmpty { break }
            lines.append(line)
        }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...]
            headers[line[..<colon].lowercased()] = value.trimmingCharacters(in: .whitespaces)
        }
        return (lines.first ?? "", headers)
    }

    public func readBody(_ headers: [String: String]) throws -> [UInt8] {
        if let length = headers["content-length"].flatMap({ Int($0) }) { return try take(length) }
        guard headers["transfer-encoding"]?.lowercased() == "chunked" else { return [] }
        var body: [UInt8] = []
        while let size = Int(try readLine(), radix: 16), size > 0 {
            body += try take(size)
            _ = try readLine()
        }
        _ = try readLine()
        return body
    }

    private func readLine() throws -> String {
        var scanned = 0
        while true {
            if let end = buffer[scanned...].firstIndex(of: 10) {
                let line = String(decoding: buffer[..<end], as: UTF8.self)
                buffer.removeSubrange(...end)
                return line.hasSuffix("\r") ? String(line.dropLast()) : line
            }
            scanned = buffer.count
            try receive()
        }
    }

    private func take(_ count: Int) throws -> [UInt8] {
        while buffer.count < count { try receive() }
        defer { buffer.removeSubrange(..<count) }
        return Array(buffer[..<count])
    }

    private func receive() throws {
        var piece = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &piece, piece.count, 0)
        guard count > 0 else {
            throw TestSupportError(count == 0 ? "connection closed" : "recv: errno \(errno)")
        }
        buffer.append(contentsOf: piece[..<count])
    }

    private func prepare(timeout: Int) {
        var limit = timeval(tv_sec: timeout, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        var on: Int32 = 1
        setsockopt(
            descriptor,
            Int32(IPPROTO_TCP),
            TCP_NODELAY,
            &on,
            socklen_t(MemoryLayout<Int32>.size)
        )
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }
}
