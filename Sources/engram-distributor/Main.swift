import Services

/// The write path of a cluster.
@main
enum Main {
    static func main() async {
        await ServiceMain.distributor()
    }
}
