"""The two-key door with real tools: s3cmd, rclone, boto3, the AWS CLI and curl reach moto's S3 by a pair that is good for
nothing else. moto checks no signature: what AWS would check, proxy_signing_test.py does."""
import json
import os
import textwrap
import urllib.request

import pytest

from conftest import SOURCE, moto_server

PYTHON = SOURCE / ".venv/bin/python"
LARGE = 20 << 20  # tools upload it in parts


@pytest.fixture(scope="module")
def moto(tmp_path_factory):
    """One server for all: to start it takes longer than a test."""
    with moto_server(tmp_path_factory.mktemp("moto")) as url:
        yield url


@pytest.fixture
def door(world, moto):
    """run(script) runs it under `kabuto proxy readonly --service s3`; a bucket of its own for each test."""
    world.run("kabuto", "store", "init", "--slot", "keyfile", "--key-file", world.home / "store.key")
    world.run("kabuto", "add", "people", stdin=json.dumps(world.sim.key_of("alice")).encode())
    large = world.place / "large"
    large.write_bytes(os.urandom(LARGE))
    env = {"AWS_ENDPOINT_URL_S3": moto, "BUCKET": f"b-{os.urandom(6).hex()}", "LARGE": str(large), "BACK": f"{large}.back"}

    def run(script, *options, check=True, **more):
        return world.run("kabuto", "proxy", "readonly", "--service", "s3", *options, "--", "bash", "-euc", script, env={**env, **more},
                         check=check, seconds=120)
    run.world, run.env, run.large = world, env, large
    return run


def test_s3cmd(door):
    config = door.world.home / "s3cfg"
    done = door(f"""s() {{ s3cmd -c {config} --multipart-chunk-size-mb=6 "$@"; }}
        s mb s3://$BUCKET; echo hello >$LARGE.small
        s put $LARGE.small "s3://$BUCKET/a folder/ü (1)+2.txt"; s put $LARGE s3://$BUCKET/large
        s ls -r s3://$BUCKET; s get --force s3://$BUCKET/large $BACK; cmp $LARGE $BACK
        s get --force "s3://$BUCKET/a folder/ü (1)+2.txt" $LARGE.again; cmp $LARGE.small $LARGE.again
        s del s3://$BUCKET/large; s ls -r s3://$BUCKET""", "--format", "s3cmd", "--output", config)
    assert done.out.count("a folder/ü (1)+2.txt") >= 2 and "upload" in done.out
    assert not config.exists(), "the file ends with the proxy"


def test_rclone(door):
    config = door.world.home / "rclone.conf"
    door(f"""r() {{ rclone --config {config} --s3-chunk-size 5M --s3-upload-cutoff 6M "$@"; }}
        r mkdir kabuto:$BUCKET; r copyto $LARGE kabuto:$BUCKET/large; r ls kabuto:$BUCKET | grep large
        r copyto kabuto:$BUCKET/large $BACK; cmp $LARGE $BACK; r check --download $(dirname $LARGE) kabuto:$BUCKET --include large
        r deletefile kabuto:$BUCKET/large; test -z "$(r ls kabuto:$BUCKET)" """, "--format", "rclone", "--output", config)


def test_boto3_with_its_own_checksums(door):
    program = textwrap.dedent("""
        import boto3, os, urllib.request
        from boto3.s3.transfer import TransferConfig
        s3, bucket = boto3.client("s3"), os.environ["BUCKET"]
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": os.environ["AWS_REGION"]})
        s3.put_object(Bucket=bucket, Key="small", Body=b"0123456789", ContentType="text/plain", Metadata={"who": "me"})
        head = s3.head_object(Bucket=bucket, Key="small")
        assert head["ContentLength"] == 10 and head["Metadata"] == {"who": "me"} and head["ContentType"] == "text/plain"
        assert s3.get_object(Bucket=bucket, Key="small", Range="bytes=2-4")["Body"].read() == b"234"
        s3.upload_file(os.environ["LARGE"], bucket, "large", Config=TransferConfig(multipart_threshold=6 << 20, multipart_chunksize=6 << 20))
        s3.download_file(bucket, "large", os.environ["BACK"])
        assert open(os.environ["LARGE"], "rb").read() == open(os.environ["BACK"], "rb").read()
        url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "small"}, ExpiresIn=60)
        assert url.startswith("http://127.0.0.1:"), url
        assert urllib.request.urlopen(url).read() == b"0123456789"
        put = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "by-url"}, ExpiresIn=60)
        urllib.request.urlopen(urllib.request.Request(put, data=b"by url", method="PUT"))
        assert sorted(o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]) == ["by-url", "large", "small"]
        try:
            s3.get_object(Bucket=bucket, Key="missing")
        except s3.exceptions.NoSuchKey as error:
            print(error.response["Error"]["Code"])
        s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": k} for k in ("by-url", "large", "small")]})
        assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
        """)
    assert door(f'{PYTHON} -c "$PROGRAM"', PROGRAM=program).out.strip() == "NoSuchKey"


@pytest.mark.parametrize("aws", [SOURCE / ".venv/bin/aws", "/usr/bin/aws"])
def test_aws_cli(door, aws):
    # Debian's knows no endpoint variable
    done = door(f"""s() {{ {aws} --endpoint-url http://$KABUTO_PROXY_HOST "$@"; }}
        s s3 mb s3://$BUCKET; s s3 cp $LARGE s3://$BUCKET/large; s s3 cp s3://$BUCKET/large $BACK; cmp $LARGE $BACK
        s s3 cp - s3://$BUCKET/stream <$LARGE; s s3 ls s3://$BUCKET; s s3 rm s3://$BUCKET/large; s s3 ls s3://$BUCKET""")
    assert done.out.count("stream") >= 2


def test_curl(door):
    done = door("""c() { curl -sS --fail-with-body --aws-sigv4 "aws:amz:$AWS_REGION:s3" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" "$@"; }
        sha() { sha256sum ${1:-/dev/null} | cut -d' ' -f1; }
        u=http://$KABUTO_PROXY_HOST/$BUCKET
        echo "<CreateBucketConfiguration><LocationConstraint>$AWS_REGION</LocationConstraint></CreateBucketConfiguration>" >$BACK.xml
        c -T $BACK.xml -H "x-amz-content-sha256: $(sha $BACK.xml)" $u >/dev/null
        c -T $LARGE -H "x-amz-content-sha256: $(sha $LARGE)" -H "Expect: 100-continue" $u/large
        c -H "x-amz-content-sha256: $(sha)" -o $BACK $u/large; cmp $LARGE $BACK
        c -T $LARGE -H "x-amz-content-sha256: UNSIGNED-PAYLOAD" $u/unsigned
        c -I -H "x-amz-content-sha256: $(sha)" $u/unsigned | tr -d '\\r'
        c -X DELETE -H "x-amz-content-sha256: $(sha)" $u/large""")
    assert f"content-length: {LARGE}" in done.out.lower()


def test_the_pair_is_worth_nothing_elsewhere(door):
    told = door("echo $AWS_ACCESS_KEY_ID; echo ${AWS_SESSION_TOKEN-none}; env").out
    assert told.startswith("KABUTO") and told.split()[1] == "none"
    assert "ASIA" not in told, "the real session is not the command's"
    again = door("echo $AWS_ACCESS_KEY_ID").out
    assert again.split()[0] != told.split()[0], "each run has its own"


def test_the_command_ends_the_proxy_with_its_code(door):
    assert door("exit 7", check=False).returncode == 7
    assert door("kill -TERM $$", check=False).returncode == 128 + 15
    missing = door.world.run("kabuto", "proxy", "readonly", "--service", "s3", "--", "no-such-tool", env=door.env, check=False)
    assert missing.returncode == 127 and "no-such-tool" in missing.err
