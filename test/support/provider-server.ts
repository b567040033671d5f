import { startProvider } from './provider.ts'

// The provider of the tests in a process of its own: `node <this, bundled> [port] [nature as JSON]` says its address in
// its first line. POST /control/script takes behaviours, POST /control/become a nature, GET /control/requests gives them.

const [port = '0', nature = '{}'] = process.argv.slice(2)
const { url } = await startProvider(JSON.parse(nature), Number(port))
console.log(url)
