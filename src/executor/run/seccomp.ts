const EPERM = 1;
const ENOSYS = 38;

/** CLONE_NEW* bits, each of which asks for a namespace of one's own. */
const NAMESPACE_FLAGS = [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000];
const AF_VSOCK = 40;

/**
 * Calls that docker's default profile keeps from a container and that no missing capability keeps from it, or whose past
 * bugs make it worth to keep them away twice.
 */
const REFUSED = [
  'add_key',
  'bpf',
  'fsconfig',
  'fsmount',
  'fsopen',
  'fspick',
  'io_uring_enter',
  'io_uring_register',
  'io_uring_setup',
  'kexec_file_load',
  'kexec_load',
  'keyctl',
  'lookup_dcookie',
  'mount',
  'mount_setattr',
  'move_mount',
  'open_by_handle_at',
  'open_tree',
  'perf_event_open',
  'pivot_root',
  'quotactl',
  'request_key',
  'setns',
  'swapoff',
  'swapon',
  'umount2',
  'unshare',
  'uselib',
  'userfaultfd',
  'ustat',
];

const ARCHITECTURES: Partial<Record<NodeJS.Architecture, readonly string[]>> = {
  x64: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
  arm64: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
};

/**
 * The seccomp section of a bundle: all but some calls are allowed. It is far shorter than docker's list of what is
 * allowed, because compiling that costs more than the rest of starting a container; what it refuses is the same where
 * it matters. clone3 is "not there", so that libcs take clone, whose flags can be looked at.
 */
export function seccompProfile(architecture: NodeJS.Architecture): Record<string, unknown> {
  const architectures = ARCHITECTURES[architecture];
  return {
    defaultAction: 'SCMP_ACT_ALLOW',
    ...(architectures === undefined ? {} : { architectures }),
    syscalls: [
      { names: REFUSED, action: 'SCMP_ACT_ERRNO', errnoRet: EPERM },
      { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
      ...NAMESPACE_FLAGS.map((flag) => ({
        names: ['clone'],
        action: 'SCMP_ACT_ERRNO',
        errnoRet: EPERM,
        args: [{ index: 0, value: flag, valueTwo: flag, op: 'SCMP_CMP_MASKED_EQ' }],
      })),
      {
        names: ['socket'],
        action: 'SCMP_ACT_ERRNO',
        errnoRet: EPERM,
        args: [{ index: 0, value: AF_VSOCK, op: 'SCMP_CMP_EQ' }],
      },
    ],
  };
}
