// What docker compose reads from .env files: for each path on a line of standard input, one JSON object of names and values, or
// null where compose refuses the file. Nothing of the environment is substituted.
package main

import (
	"bufio"
	"encoding/json"
	"os"

	"github.com/compose-spec/compose-go/v2/dotenv"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		values, err := dotenv.ReadFile(lines.Text(), nil)
		if err != nil {
			values = nil
		}
		if err := out.Encode(values); err != nil {
			os.Exit(1)
		}
	}
}
