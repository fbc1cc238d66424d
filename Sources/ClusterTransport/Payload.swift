internal import GRPCCore
internal import GRPCNIOTransportHTTP2

/// A message's bytes, in the memory that the transport sends from and receives into.
struct Payload: Sendable {
    var bytes: GRPCNIOTransportBytes

    init(bytes: GRPCNIOTransportBytes) { self.bytes = bytes }

    init(_ message: some WireMessage) {
        bytes = GRPCNIOTransportBytes(repeating: 0, count: message.encodedSize)
        bytes.withUnsafeMutableBytes { message.encode(into: $0) }
    }

    var size: Int { bytes.count }

    func decode<Message: WireMessage>(_ type: Message.Type) throws(WireError) -> Message {
        // The transport's function knows no typed errors: carry ours past it as a value.
        try bytes.withUnsafeBytes { bytes in
            Result { () throws(WireError) in try Message(decoding: bytes) }
        }.get()
    }
}

/// Hands payloads to the transport without a copy.
struct PayloadCoder: MessageSerializer, MessageDeserializer {
    func serialize<Bytes: GRPCContiguousBytes>(_ message: Payload) throws -> Bytes {
        if let bytes = message.bytes as? Bytes { return bytes }
        return message.bytes.withUnsafeBytes { Bytes($0) }
    }

    func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> Payload {
        if let bytes = bytes as? GRPCNIOTransportBytes { return Payload(bytes: bytes) }
        return bytes.withUnsafeBytes { Payload(bytes: GRPCNIOTransportBytes($0)) }
    }
}
