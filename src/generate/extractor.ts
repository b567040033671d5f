// The worker thread that reads documents: nothing that a file makes it do reaches the program.
export {}
