// A program as a user of aws-sdk-go-v2 writes it: the default credential chain, and GetCallerIdentity for each line of standard
// input. It prints which access key answered as whom, so that a test sees one process change its credentials.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func main() {
	ctx := context.Background()
	loaded, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	client := sts.NewFromConfig(loaded)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		identity, err := client.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		if err != nil {
			fmt.Println("error:", err)
			continue
		}
		keys, err := loaded.Credentials.Retrieve(ctx)
		if err != nil {
			fmt.Println("error:", err)
			continue
		}
		fmt.Println(keys.AccessKeyID, *identity.Arn)
	}
}
