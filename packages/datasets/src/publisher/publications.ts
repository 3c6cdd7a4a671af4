/** A file as its publisher offers it. */
export interface PublishedFile {
  readonly name: string;
  readonly url: string;
  readonly bytes: number;
  readonly md5: string;
  /** Nothing here needs it. */
  readonly isOptional?: boolean;
  /** Files of the archive, which do as well when they lie in the folder. No checksums of them are published. */
  readonly unpacked?: readonly { readonly name: string; readonly bytes: number }[];
}

/** A dataset that can be fetched from its publisher. */
export interface Publication {
  readonly title: string;
  readonly homepage: string;
  readonly files: readonly PublishedFile[];
}

const cifar = "https://www.cs.toronto.edu/~kriz";
const svhn = "http://ufldl.stanford.edu/housenumbers";
const cifar10BatchBytes = 10_000 * 3073;

/** Sizes and MD5 sums as the publishers, or data sets' loaders that many use, give them. */
export const publications = {
  cifar10: {
    title: "CIFAR-10, binary version",
    homepage: `${cifar}/cifar.html`,
    files: [
      {
        name: "cifar-10-binary.tar.gz",
        url: `${cifar}/cifar-10-binary.tar.gz`,
        bytes: 170_052_171,
        md5: "c32a1d4ab5d03f1284b67883e8d87530",
        unpacked: [1, 2, 3, 4, 5, "test"].map((n) => ({
          name: n === "test" ? "test_batch.bin" : `data_batch_${n}.bin`,
          bytes: cifar10BatchBytes,
        })),
      },
    ],
  },
  cifar100: {
    title: "CIFAR-100, binary version",
    homepage: `${cifar}/cifar.html`,
    files: [
      {
        name: "cifar-100-binary.tar.gz",
        url: `${cifar}/cifar-100-binary.tar.gz`,
        bytes: 168_513_733,
        md5: "03b5dce01913d631647c71ecec9e9cb8",
        unpacked: [
          { name: "train.bin", bytes: 50_000 * 3074 },
          { name: "test.bin", bytes: 10_000 * 3074 },
        ],
      },
    ],
  },
  svhn: {
    title: "SVHN, cropped digits",
    homepage: svhn,
    files: [
      published("train", 182_040_794, "e26dedcc434d2e4c54c9b2d4a06d8373"),
      published("test", 64_275_384, "eb5a983be6a315427106f1b164d9cef3"),
      { ...published("extra", 1_329_278_602, "a93ce644f1a588dc4d68dda5feec44a7"), isOptional: true },
    ],
  },
} as const satisfies Readonly<Record<string, Publication>>;

function published(part: string, bytes: number, md5: string): PublishedFile {
  return { name: `${part}_32x32.mat`, url: `${svhn}/${part}_32x32.mat`, bytes, md5 };
}
