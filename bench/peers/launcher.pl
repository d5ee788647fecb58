#!/usr/bin/perl
# The least that starts a chain: `launcher.pl PIPE_BYTES COUNT BYTES` is
# head -c BYTES /dev/zero | cat (COUNT times) | wc -c, with pipes of that size and nobody beside them.
use strict;
use warnings;

my ($size, $count, $bytes) = @ARGV;
my $F_SETPIPE_SZ = 1031;
my @commands = (["head", "-c", $bytes, "/dev/zero"], (map { ["cat"] } 1 .. $count), ["wc", "-c"]);
my $from;
my @pids;
for my $at (0 .. $#commands) {
    my ($read, $write);
    if ($at < $#commands) {
        pipe($read, $write) or die "pipe: $!";
        fcntl($write, $F_SETPIPE_SZ, $size + 0) or die "size of a pipe: $!";
    }
    my $pid = fork() // die "fork: $!";
    if ($pid == 0) {
        open(STDIN, "<&", $from) or die $! if defined $from;
        open(STDOUT, ">&", $write) or die $! if defined $write;
        close $_ for grep { defined } $from, $read, $write;
        exec { $commands[$at][0] } @{ $commands[$at] } or die $!;
    }
    push @pids, $pid;
    close $_ for grep { defined } $from, $write;
    $from = $read;
}
waitpid $_, 0 for @pids;
exit($? == 0 ? 0 : 1);
