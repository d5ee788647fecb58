/**
 * The calls into the system that faults are injected at, and the errors that each can give. Not among them is `close`: a
 * tracer fails a call by not making it, and a close that fails in earnest lets go of its descriptor all the same.
 */
const SHORT = ["EMFILE", "ENFILE"];
const DISK = ["ENOSPC", "EIO", "EDQUOT"];

export const ERRORS: Readonly<Record<string, readonly string[]>> = {
  openat: [...SHORT, ...DISK, "ENOMEM", "EPERM"],
  pipe2: SHORT,
  fcntl: ["EMFILE", "ENOMEM", "EPERM"],
  splice: [...DISK, "ENOMEM", "EINTR", "EAGAIN"],
  tee: ["ENOMEM", "EIO", "EINTR", "EAGAIN"],
  write: [...DISK, "EINTR", "EAGAIN"],
  writev: [...DISK, "EINTR"],
  pwrite64: [...DISK, "EINTR"],
  read: ["EIO", "EINTR", "EAGAIN"],
  pread64: ["EIO", "EINTR"],
  mkdir: [...DISK, "EPERM"],
  rename: [...DISK, "EPERM"],
  unlink: ["EIO", "EPERM"],
  unlinkat: ["EIO", "EPERM"],
  rmdir: ["EIO", "EPERM"],
  clone: ["EAGAIN", "ENOMEM"],
  clone3: ["EAGAIN", "ENOMEM"],
  vfork: ["EAGAIN", "ENOMEM"],
  epoll_create1: [...SHORT, "ENOMEM"],
  epoll_ctl: ["ENOMEM", "ENOSPC"],
  epoll_wait: ["EINTR"],
  eventfd2: [...SHORT, "ENOMEM"],
  poll: ["EINTR", "ENOMEM"],
  memfd_create: [...SHORT, "ENOMEM"],
  fallocate: [...DISK, "EINTR"],
  ftruncate: [...DISK, "EINTR"],
  fsync: DISK,
  fdatasync: DISK,
  fchmod: ["EIO", "EPERM"],
  chmod: ["EIO", "EPERM"],
  stat: ["EIO", "ENOMEM"],
  statx: ["EIO", "ENOMEM"],
  newfstatat: ["EIO", "ENOMEM"],
  fstat: ["EIO"],
  statfs: ["EIO", "ENOMEM"],
  getdents64: ["EIO", "ENOMEM"],
  readlink: ["EIO", "ENOMEM"],
  mmap: ["ENOMEM"],
};

export const CALLS: readonly string[] = Object.keys(ERRORS);
