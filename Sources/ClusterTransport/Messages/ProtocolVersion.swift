internal import GRPCCore

/// The version of the messages that a process writes, as both ends tell each other at the beginning of a call.
///
/// Messages carry it, too; told first, it makes an error of a call that could not work before anything is sent.
enum ProtocolVersion {
    /// On requests and on answers.
    static let header = "engram-rpc-version"

    /// What this process says of itself.
    static let metadata: Metadata = [header: "\(WireHeader.version)"]

    /// Why two ends cannot work together; nil where they can.
    ///
    /// - Parameter peer: What the other end said; one that says nothing is of version 1, which began without saying it.
    static func mismatch(_ peer: Metadata) -> String? {
        guard let said = peer[stringValues: header].first(where: { _ in true }) else { return nil }
        guard let version = Int(said), WireHeader.readable.contains(version) else {
            return "the other end speaks version \(said) of the messages, this one "
                + "\(WireHeader.version): they work together when they are at most one apart"
        }
        return nil
    }
}
